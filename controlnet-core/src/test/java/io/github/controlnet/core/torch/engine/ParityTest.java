package io.github.controlnet.core.torch.engine;

import static io.github.controlnet.core.torch.engine.ReferenceCase.assertDifferent;
import static io.github.controlnet.core.torch.engine.ReferenceCase.assertEqual;
import static io.github.controlnet.core.torch.engine.ReferenceCase.join;
import static io.github.controlnet.core.torch.engine.ReferenceCase.part;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every network against diffusers and transformers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ParityTest {
  private final ReferenceCase reference = new ReferenceCase();
  private final TinyModel model = new TinyModel();
  private final EncodedText states = model.loaded().textEncoder().encode(reference.tokens());

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void textEncoder() {
    int texts = reference.tokens().length;
    float[] all = states.hiddenStates();
    int length = all.length / texts;
    for (int i = 0; i < texts; i++) {
      float[] expected = reference.get("text." + i + ".states");
      assertEqual("text " + i, Arrays.copyOfRange(all, i * length, (i + 1) * length), expected);
    }
    assertDifferent("texts", Arrays.copyOf(all, length), reference.get("text.1.states"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8x8", "5x7", "12x9"})
  void denoiserWithoutControl(String size) {
    float[] latents = reference.get(key(size, "latents"));
    try (Denoiser.Run run = model.denoiser().start(shape(size), images(0, 2))) {
      float[] plain = run.predict(latents, reference.timestep(size), List.of());
      assertEqual("plain", plain, reference.get(key(size, "plain")));
      assertEqual(
          "other time",
          run.predict(latents, 500, List.of()),
          reference.get(key(size, "other_time")));
      assertDifferent("time", plain, reference.get(key(size, "other_time")));
      assertDifferent("text", plain, reference.get(key(size, "other_context")));
      assertDifferent("control", plain, reference.get(key(size, "control_1.0.prediction")));
    }
    try (Denoiser.Run run = model.denoiser().start(shape(size), images(2, 0))) {
      assertEqual(
          "other text",
          run.predict(latents, reference.timestep(size), List.of()),
          reference.get(key(size, "other_context")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8x8", "5x7", "12x9"})
  void branchesEqualABatch(String size) {
    // the reference has no branches: each image with its own text, one after the other
    float[] latents = reference.get(key(size, "latents"));
    Conditioning branches = Conditioning.of(states, List.of(List.of(0, 0), List.of(2, 2)));
    try (Denoiser.Run run = model.denoiser().start(shape(size), branches)) {
      float[] prediction = run.predict(latents, reference.timestep(size), List.of());
      float[] first = part(prediction, 0);
      float[] second = part(prediction, 1);
      float[] plain = reference.get(key(size, "plain"));
      assertEqual("branch 0, image 0", part(first, 0), part(plain, 0));
      assertEqual("branch 1, image 1", part(second, 1), part(plain, 1));
      float[] other = reference.get(key(size, "other_context"));
      assertEqual("branch 1, image 0", part(second, 0), part(other, 0));
      assertEqual("branch 0, image 1", part(first, 1), part(other, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8x8", "5x7", "12x9"})
  void residualsOfTheControl(String size) {
    for (int i = 0; i < model.sites().size(); i++) {
      int index = i;
      float[] both =
          eachImage(image -> residual(model.controlNetwork(), size, image, image, index));
      assertEqual("residual " + i, both, reference.get(key(size, "control_1.0.residual." + i)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8x8", "5x7", "12x9"})
  void denoiserWithControl(String size) {
    ControlNetwork control = model.controlNetwork();
    float[] full = eachImage(image -> controlled(control, size, image, image, i -> 1));
    assertEqual("scale 1", full, reference.get(key(size, "control_1.0.prediction")));
    assertDifferent("control", full, reference.get(key(size, "plain")));
    assertEqual(
        "scale 0.6",
        eachImage(image -> controlled(control, size, image, image, i -> 0.6)),
        reference.get(key(size, "control_0.6.prediction")));
    int middle = model.sites().size() - 1;
    assertEqual(
        "middle alone",
        eachImage(image -> controlled(control, size, image, image, i -> i < middle ? 0 : 1)),
        reference.get(key(size, "control_1.0.only_mid")));
    assertEqual(
        "other hint",
        eachImage(image -> controlled(control, size, image, 1 - image, i -> 1)),
        reference.get(key(size, "control_1.0.other_hint")));
    assertEqual(
        "other control",
        eachImage(image -> controlled(model.otherControl(), size, image, image, i -> 1)),
        reference.get(key(size, "control_b_1.0.prediction")));
  }

  @Test
  void scaleZeroIsNoControl() {
    float[] latents = part(reference.get(key("8x8", "latents")), 0);
    LatentShape one = oneImage("8x8");
    try (Denoiser.Run run = model.denoiser().start(one, image(0))) {
      assertThat(controlled(model.controlNetwork(), "8x8", 0, 0, i -> 0))
          .isEqualTo(run.predict(latents, reference.timestep("8x8"), List.of()));
    }
  }

  @Test
  void controlOfOneBranchLeavesTheOtherAlone() {
    LatentShape one = oneImage("8x8");
    float[] latents = part(reference.get(key("8x8", "latents")), 1);
    double timestep = reference.timestep("8x8");
    Conditioning branches = Conditioning.of(states, List.of(List.of(0), List.of(2)));
    List<Double> ones = Collections.nCopies(model.sites().size(), 1.0);
    try (Denoiser.Run run = model.denoiser().start(one, branches);
        ControlNetwork.Run control =
            model.controlNetwork().start(one, branches, List.of(1), reference.hint("8x8", 1));
        ControlResiduals residuals = control.residuals(latents, timestep)) {
      float[] prediction =
          run.predict(latents, timestep, List.of(new ControlSignal(residuals, List.of(ones))));
      assertEqual(
          "branch without control",
          part(prediction, 0),
          part(reference.get(key("8x8", "other_context")), 1));
      assertEqual(
          "branch with control",
          part(prediction, 1),
          part(reference.get(key("8x8", "control_1.0.prediction")), 1));
    }
  }

  @Test
  void severalControlsAddUp() {
    LatentShape one = oneImage("8x8");
    float[] latents = part(reference.get(key("8x8", "latents")), 0);
    double timestep = reference.timestep("8x8");
    try (Denoiser.Run run = model.denoiser().start(one, image(0));
        ControlNetwork.Run control =
            model.controlNetwork().start(one, image(0), List.of(0), reference.hint("8x8", 0));
        ControlResiduals residuals = control.residuals(latents, timestep)) {
      ControlSignal strong = signal(residuals, i -> 0.4);
      ControlSignal weak = signal(residuals, i -> 0.2);
      assertEqual(
          "0.4 + 0.2",
          run.predict(latents, timestep, List.of(strong, weak)),
          part(reference.get(key("8x8", "control_0.6.prediction")), 0));
    }
  }

  @Test
  void globalPoolingAveragesEachResidual() {
    for (int i = 0; i < model.sites().size(); i++) {
      float[] whole = residual(model.controlNetwork(), "8x8", 0, 0, i);
      float[] pooled = residual(model.pooledControl(), "8x8", 0, 0, i);
      int pixels = whole.length / pooled.length;
      assertThat(pixels).isGreaterThan(1);
      float[] expected = new float[pooled.length];
      for (int channel = 0; channel < expected.length; channel++) {
        double sum = 0;
        for (int p = 0; p < pixels; p++) {
          sum += whole[channel * pixels + p];
        }
        expected[channel] = (float) (sum / pixels);
      }
      assertEqual("pooled residual " + i, pooled, expected);
    }
    assertDifferent(
        "pooling",
        controlled(model.pooledControl(), "8x8", 0, 0, i -> 1),
        controlled(model.controlNetwork(), "8x8", 0, 0, i -> 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"64x64", "72x40"})
  void autoencoder(String size) {
    LatentShape shape = reference.shape("vae." + size + ".latents");
    float[] latents = reference.get("vae." + size + ".latents");
    LatentFormat format = model.base().autoencoder().latents();
    float[] decoded = model.autoencoder().decode(format.toAutoencoder(latents), shape);
    assertEqual("decoded", decoded, reference.get("vae." + size + ".decoded"));
    assertDifferent("pictures", part(decoded, 0), part(decoded, 1));
    LatentDistribution encoded =
        model.autoencoder().encode(reference.get("vae." + size + ".image"), shape);
    assertEqual("mean", encoded.mean(), reference.get("vae." + size + ".mean"));
    assertEqual("log variance", encoded.logVariance(), reference.get("vae." + size + ".logvar"));
    assertDifferent("means", part(encoded.mean(), 0), part(encoded.mean(), 1));
    float[] drawn = encoded.sample(new TorchGenerator(21).randn(shape.size()));
    assertEqual("sampled", format.toDenoiser(drawn), reference.get("vae." + size + ".sampled"));
  }

  private static String key(String size, String name) {
    return "unet." + size + "." + name;
  }

  private LatentShape shape(String size) {
    return reference.shape(key(size, "latents"));
  }

  private LatentShape oneImage(String size) {
    LatentShape shape = shape(size);
    return new LatentShape(1, shape.channels(), shape.height(), shape.width());
  }

  /** Two images in one branch, each with its text. */
  private Conditioning images(int first, int second) {
    return Conditioning.of(states, List.of(List.of(first, second)));
  }

  private Conditioning image(int image) {
    return Conditioning.of(states, List.of(List.of(ReferenceCase.TEXTS[image])));
  }

  /** What computes for one image. */
  private interface OneImage {
    float[] compute(int image);
  }

  /** The reference's images have each its own hint, a generation has one: one after the other. */
  private static float[] eachImage(OneImage task) {
    return join(task.compute(0), task.compute(1));
  }

  private ControlSignal signal(ControlResiduals residuals, DoubleUnaryOperator scale) {
    List<Double> scales = new ArrayList<>();
    for (int i = 0; i < model.sites().size(); i++) {
      scales.add(scale.applyAsDouble(i));
    }
    return new ControlSignal(residuals, List.of(scales));
  }

  private float[] residual(ControlNetwork network, String size, int image, int hint, int index) {
    float[] latents = part(reference.get(key(size, "latents")), image);
    try (ControlNetwork.Run control =
            network.start(oneImage(size), image(image), List.of(0), reference.hint(size, hint));
        ControlResiduals residuals = control.residuals(latents, reference.timestep(size))) {
      return residuals.toArray(index);
    }
  }

  private float[] controlled(
      ControlNetwork network, String size, int image, int hint, DoubleUnaryOperator scale) {
    float[] latents = part(reference.get(key(size, "latents")), image);
    double timestep = reference.timestep(size);
    try (Denoiser.Run run = model.denoiser().start(oneImage(size), image(image));
        ControlNetwork.Run control =
            network.start(oneImage(size), image(image), List.of(0), reference.hint(size, hint));
        ControlResiduals residuals = control.residuals(latents, timestep)) {
      return run.predict(latents, timestep, List.of(signal(residuals, scale)));
    }
  }
}
