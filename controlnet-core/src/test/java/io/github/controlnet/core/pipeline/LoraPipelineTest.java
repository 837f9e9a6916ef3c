package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.provenance.PictureRecord;
import io.github.controlnet.core.provenance.Recipe;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Generations with LoRAs against diffusers, and the changing of sets. */
class LoraPipelineTest {
  private static final JsonNode CASES = cases();
  private static final ReferenceTensors LATENTS =
      new ReferenceTensors(Fixtures.file("lora/latents.safetensors"));
  private static final Lora STYLE = Lora.of(Fixtures.file("lora/style.safetensors"));
  private static final Lora DETAIL = Lora.of(Fixtures.file("lora/detail.safetensors"));
  private static final BaseModel TINY = BaseModel.of(Fixtures.tiny());
  private static ControlNetPipeline plain;

  @BeforeAll
  static void open() {
    plain = builder(TINY).build();
  }

  @AfterAll
  static void close() {
    plain.close();
  }

  private static ControlNetPipeline.Builder builder(BaseModel base) {
    return ControlNetPipeline.builder()
        .base(base)
        .control(ControlModel.of(Fixtures.tinyControl()))
        .threads(1);
  }

  private static JsonNode cases() {
    try {
      return new ObjectMapper()
          .readTree(Files.readAllBytes(Fixtures.file("lora/cases.json")))
          .get("generations");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> names() {
    return CASES.properties().stream().map(Map.Entry::getKey);
  }

  private static GenerationRequest.Builder request(Lora... loras) {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt("a small boat")
            .negativePrompt("lowres")
            .size(64, 64)
            .steps(4)
            .guidanceScale(5)
            .seed(42);
    List.of(loras).forEach(request::lora);
    return request;
  }

  private static float[] latents(ControlNetPipeline pipeline, GenerationRequest.Builder request) {
    return pipeline.generate(request.build()).latents().values();
  }

  @ParameterizedTest
  @MethodSource("names")
  void latentsAreThoseOfDiffusers(String name) {
    JsonNode settings = CASES.get(name);
    GenerationRequest.Builder request = request();
    for (JsonNode lora : settings.get("loras")) {
      request.lora(
          Lora.of(Fixtures.file("lora/" + lora.get("file").textValue()))
              .withScales(lora.get("unet").doubleValue(), lora.get("text").doubleValue()));
    }
    if (settings.get("controlled").booleanValue()) {
      request.control(ControlInput.of(Images.read(Fixtures.file("hints/a-64x64.png"))));
    }
    assertThat(Fixtures.relativeError(latents(plain, request), LATENTS.floats(name)))
        .isLessThan(1e-4);
    if (!settings.get("off").isNull()) {
      float[] off = LATENTS.floats(settings.get("off").textValue());
      assertThat(Fixtures.relativeError(off, LATENTS.floats(name))).isGreaterThan(1e-2);
    }
  }

  @Test
  void lorasOfPipelineAndRequestAddUp() {
    float[] both = latents(plain, request(STYLE.withScale(0.8), DETAIL.withScale(-0.7)));
    try (ControlNetPipeline styled = builder(TINY).lora(STYLE.withScale(0.8)).build()) {
      float[] styledAlone = latents(styled, request());
      assertThat(styledAlone).isEqualTo(latents(plain, request(STYLE.withScale(0.8))));
      assertThat(latents(styled, request(DETAIL.withScale(-0.7)))).isEqualTo(both);
      assertThat(latents(styled, request())).isEqualTo(styledAlone);
    }
    assertThat(latents(plain, request(DETAIL.withScale(-0.7), STYLE.withScale(0.8))))
        .isEqualTo(both);
    assertThat(
            Fixtures.relativeError(
                latents(plain, request(STYLE.withScale(0.3), STYLE.withScale(0.5))),
                latents(plain, request(STYLE.withScale(0.8)))))
        .isLessThan(1e-5);
    assertThat(latents(plain, request(STYLE.withScale(0)))).isEqualTo(latents(plain, request()));
  }

  @Test
  void aHundredSwitchesLeaveNoTrace() {
    float[] without = latents(plain, request().steps(1));
    List<float[]> with = new ArrayList<>();
    List<Lora> loras = List.of(STYLE, DETAIL.withScale(3), STYLE.withScales(0, -2));
    for (int i = 0; i < 50; i++) {
      float[] changed = latents(plain, request(loras.get(i % 3)).steps(1));
      if (i < 3) {
        assertThat(Fixtures.relativeError(changed, without)).isGreaterThan(1e-3);
        with.add(changed);
      }
      assertThat(changed).isEqualTo(with.get(i % 3));
      assertThat(latents(plain, request().steps(1))).isEqualTo(without);
    }
  }

  @ParameterizedTest
  @EnumSource(OffloadPolicy.class)
  void everyOffloadPolicyGivesTheSame(OffloadPolicy policy) {
    float[] without = latents(plain, request());
    float[] with = latents(plain, request(STYLE));
    try (ControlNetPipeline pipeline =
        builder(BaseModel.of(Fixtures.tiny())).offload(policy).build()) {
      for (int i = 0; i < 2; i++) {
        assertThat(latents(pipeline, request())).isEqualTo(without);
        assertThat(latents(pipeline, request(STYLE))).isEqualTo(with);
      }
    }
  }

  @Test
  void bfloat16IsNearAndSwitchesWithoutATrace() {
    try (ControlNetPipeline pipeline =
        builder(BaseModel.of(Fixtures.tiny())).precision(Precision.BFLOAT16).build()) {
      float[] without = latents(pipeline, request());
      float[] with = latents(pipeline, request(STYLE));
      assertThat(Fixtures.relativeError(with, latents(plain, request(STYLE)))).isLessThan(0.1);
      assertThat(Fixtures.relativeError(with, without)).isGreaterThan(0.2);
      assertThat(latents(pipeline, request())).isEqualTo(without);
      assertThat(latents(pipeline, request(STYLE))).isEqualTo(with);
    }
  }

  @Test
  void threadsWithDifferentSetsDoNotMix() throws Exception {
    List<List<Lora>> sets =
        List.of(
            List.of(),
            List.of(STYLE),
            List.of(DETAIL.withScale(2)),
            List.of(STYLE.withScale(-0.5), DETAIL));
    List<float[]> alone = new ArrayList<>();
    for (List<Lora> set : sets) {
      alone.add(latents(plain, request(set.toArray(new Lora[0]))));
    }
    ExecutorService threads = Executors.newFixedThreadPool(sets.size());
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 4 * sets.size(); i++) {
        Lora[] set = sets.get(i % sets.size()).toArray(new Lora[0]);
        results.add(threads.submit(() -> latents(plain, request(set))));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).as("set %d", i % sets.size()).isEqualTo(alone.get(i % 4));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aGenerationThatWaitsForOtherWeightsIsCancelled() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CancellationToken token = new CancellationToken();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<float[]> first =
          threads.submit(
              () ->
                  latents(
                      plain,
                      request(STYLE)
                          .listener(
                              step -> {
                                running.countDown();
                                await(end);
                              })));
      running.await();
      Future<float[]> second =
          threads.submit(() -> latents(plain, request(DETAIL).cancellation(token)));
      token.cancel();
      assertThatThrownBy(second::get).hasCauseInstanceOf(GenerationCancelledException.class);
      end.countDown();
      assertThat(first.get()).isEqualTo(latents(plain, request(STYLE)));
    } finally {
      end.countDown();
      threads.shutdown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aListenerThatGeneratesWithOtherLorasIsRefused() {
    assertThatThrownBy(
            () -> latents(plain, request(STYLE).listener(step -> latents(plain, request(DETAIL)))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("listener");
    List<float[]> inside = new ArrayList<>();
    float[] outside =
        latents(
            plain,
            request(STYLE).listener(step -> inside.add(latents(plain, request(STYLE).steps(1)))));
    assertThat(inside).hasSize(4);
    assertThat(outside).isEqualTo(latents(plain, request(STYLE)));
  }

  @Test
  void afterAFileThatCannotBeReadTheBaseIsAsBefore(@TempDir Path folder) throws IOException {
    float[] without = latents(plain, request());
    Path broken = folder.resolve("broken.safetensors");
    Files.copy(Fixtures.file("lora/style.safetensors"), broken);
    try (ControlNetPipeline pipeline = builder(TINY).lora(Lora.of(broken)).build()) {
      try (FileChannel file = FileChannel.open(broken, StandardOpenOption.WRITE)) {
        file.truncate(30_000);
      }
      assertThatThrownBy(() -> latents(pipeline, request())).isInstanceOf(WeightsException.class);
    }
    assertThat(latents(plain, request())).isEqualTo(without);
  }

  @Test
  void whatDoesNotFitIsRefusedWhenThePipelineIsBuilt(@TempDir Path folder) {
    assertThatThrownBy(() -> builder(TINY).lora(Lora.of(folder.resolve("absent"))).build())
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> builder(TINY).lora(Lora.of(folder)).build())
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("pytorch_lora_weights.safetensors");
    assertThatThrownBy(
            () -> plain.generate(request(Lora.of(Fixtures.file("tiling.safetensors"))).build()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is no LoRA");
  }

  @Test
  void thePicturesRecordTellsOfAllLoras(@TempDir Path folder) throws IOException {
    WeightHashes hashes = new WeightHashes(folder.resolve("hashes.json"));
    Path file = folder.resolve("picture.png");
    try (ControlNetPipeline styled = builder(TINY).lora(STYLE.withScale(0.8)).build()) {
      GenerationResult result =
          styled.generate(request(DETAIL.withScales(-0.5, 0.25)).steps(1).build());
      PictureRecord record = PictureRecord.of(result, hashes);
      assertThat(record.parameters(0))
          .startsWith("a small boat <lora:style:0.8> <lora:detail:0.25:-0.5>\n");
      Files.write(file, record.png(0));
    }
    Recipe recipe = Recipe.read(file).orElseThrow();
    assertThat(recipe.unmapped()).isEmpty();
    assertThat(recipe.request().build().loras())
        .containsExactly(
            Lora.of(Path.of("style.safetensors")).withScale(0.8),
            Lora.of(Path.of("detail.safetensors")).withScales(-0.5, 0.25));
    Recipe.Model first = recipe.model(ModelSource.lora(1)).orElseThrow();
    assertThat(first.name()).isEqualTo("style.safetensors");
    assertThat(hashes.find(first.sha256())).contains(STYLE.path().toAbsolutePath());
    assertThat(recipe.model(ModelSource.lora(2)).orElseThrow().name())
        .isEqualTo("detail.safetensors");
  }

  @Test
  void foldersOfTrainingScriptsAreTaken(@TempDir Path folder) throws IOException {
    Files.copy(
        Fixtures.file("lora/style.safetensors"),
        folder.resolve("pytorch_lora_weights.safetensors"));
    assertThat(latents(plain, request(Lora.of(folder)))).isEqualTo(latents(plain, request(STYLE)));
  }
}
