package io.github.controlnet.annotators.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.JniUtils;
import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.RandomWeights;
import io.github.controlnet.annotators.Resources;
import io.github.controlnet.annotators.networks.TeedNetwork;
import io.github.controlnet.engine.Device;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.HubReference;
import io.github.controlnet.model.MissingWeightsException;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Annotators with networks run as their context says. */
class NetworksTest {
  private static final WeightsFile TEED = WeightsFile.model("a/b/c");

  private final AnnotatorProvider teed = Annotators.named("teed");
  private final AnnotatorOptions none = teed.options(Map.of());
  private final BufferedImage photo = Resources.photo("64x64");

  private static AnnotatorContext context() {
    return AnnotatorContext.of(published -> Optional.of(RandomWeights.file("teed")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void networksComputeWithTheContextsThreads(int threads) {
    try (Networks networks =
        new Networks(
            "test", context().withThreads(threads), Map.of(TEED, RandomWeights.file("teed")))) {
      LoadedNetwork unused = networks.load(new TeedNetwork());
      assertThat(unused).isNotNull();
      assertThat(networks.pyTorch().thread().call(JniUtils::getNumThreads)).isEqualTo(threads);
    }
  }

  @Test
  void networksRunOnTheContextsDevice() {
    AnnotatorContext absent = context().withDevice(Device.cuda(999));
    assertThatThrownBy(() -> teed.create(none, absent))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("The device cuda:999 is not there; available: cpu");
  }

  @Test
  void onDevicesOfOtherEnginesTheyRunOnTheProcessor() {
    try (Annotator here = teed.create(none, context());
        Annotator there = teed.create(none, context().withDevice(new Device("npu", 0)))) {
      assertThat(pixels(there.annotate(photo))).isEqualTo(pixels(here.annotate(photo)));
    }
  }

  @Test
  void weightsComeFromTheContextUnlessAnOptionNamesThem() {
    List<List<HubReference>> asked = new ArrayList<>();
    AnnotatorContext context =
        AnnotatorContext.of(
            published -> {
              asked.add(published);
              return Optional.of(RandomWeights.file("teed"));
            });
    int[] found;
    try (Annotator annotator = teed.create(none, context)) {
      found = pixels(annotator.annotate(photo));
    }
    assertThat(asked).containsExactly(teed.weights());
    assertThat(teed.weightsFiles(none, context)).containsExactly(RandomWeights.file("teed"));
    asked.clear();
    AnnotatorOptions named = teed.options(Map.of("model", RandomWeights.file("teed").toString()));
    try (Annotator annotator = teed.create(named, context)) {
      assertThat(pixels(annotator.annotate(photo))).isEqualTo(found);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void allWeightsAreLookedForBeforeAnyIsRead() {
    AnnotatorProvider full = Annotators.named("openpose_full");
    AnnotatorContext faceless =
        AnnotatorContext.of(
            published ->
                published.get(0).toString().contains("facenet")
                    ? Optional.empty()
                    : Optional.of(RandomWeights.file("teed").resolveSibling("is-not-read")));
    assertThatThrownBy(() -> full.create(full.options(Map.of()), faceless))
        .isInstanceOf(MissingWeightsException.class)
        .hasMessageContaining("openpose_full")
        .hasMessageContaining("facenet.pth")
        .hasMessageContaining("face_model");
  }

  @Test
  void aCancelledTokenEndsAnAnnotation() {
    CancellationToken token = new CancellationToken();
    try (Annotator annotator = teed.create(none, context())) {
      assertThat(pixels(annotator.annotate(photo, token)))
          .isEqualTo(pixels(annotator.annotate(photo)));
      token.cancel();
      assertThatThrownBy(() -> annotator.annotate(photo, token))
          .isInstanceOf(GenerationCancelledException.class);
    }
  }

  @Test
  void nothingIsLoadedForAnnotatorsWithoutNetworks() {
    AtomicBoolean asked = new AtomicBoolean();
    AnnotatorContext context =
        AnnotatorContext.of(
                published -> {
                  asked.set(true);
                  return Optional.empty();
                })
            .withDevice(Device.cuda(999));
    AnnotatorProvider canny = Annotators.named("canny");
    try (Annotator annotator = canny.create(canny.options(Map.of()), context)) {
      assertThat(annotator.annotate(photo).map().getWidth()).isEqualTo(64);
    }
    assertThat(asked).isFalse();
  }

  private static int[] pixels(Annotation annotation) {
    BufferedImage map = annotation.map();
    return map.getRGB(0, 0, map.getWidth(), map.getHeight(), null, 0, map.getWidth());
  }
}
