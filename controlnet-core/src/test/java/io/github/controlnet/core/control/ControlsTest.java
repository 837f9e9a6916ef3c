package io.github.controlnet.core.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Controls;
import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.WeightValues;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.UNetWeights;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.HintInitialization;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.model.ZeroConvolutions;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * New and transferred controls equal diffusers' {@code from_unet} and the original's transfer tool;
 * see {@code make_control_fixtures.py}.
 */
class ControlsTest {
  private static final BaseModel BASE = BaseModel.of(Fixtures.tiny());
  private static final ControlModel CONTROL = ControlModel.of(Fixtures.tinyControl());
  private static final Path OTHER_BASE = Fixtures.file("layouts/base-fp16.safetensors");
  private static final ExportOptions DIFFUSERS = ExportOptions.of(ModelLayout.DIFFUSERS);
  private static final ExportOptions ORIGINAL = ExportOptions.of(ModelLayout.ORIGINAL);

  private final JsonNode reference;

  @TempDir Path folder;

  ControlsTest() throws IOException {
    reference = new ObjectMapper().readTree(Fixtures.file("controls.json").toFile());
  }

  @Test
  void newControlEqualsFromUnet() {
    for (JsonNode hint : reference.path("hints")) {
      List<Integer> widths = new ArrayList<>();
      hint.path("widths").forEach(width -> widths.add(width.asInt()));
      Path out = folder.resolve("made-" + widths.get(2));
      Controls.create(
          BASE,
          out,
          NewControl.defaults().withSeed(reference.path("seed").asLong()).withHintWidths(widths),
          DIFFUSERS);
      try (ControlWeights made = ControlWeights.open(out, Optional.empty());
          UNetWeights unet = UNetWeights.open(Fixtures.tiny(), Optional.empty())) {
        assertThat(made.architecture().trunk().levels()).isEqualTo(unet.architecture().levels());
        int copied = 0;
        for (String name : made.weights().tensors().keySet()) {
          JsonNode expected = hint.path("tensors").path(name);
          if (!expected.isMissingNode()) {
            assertSamples(made.weights(), name, expected);
          } else if (name.startsWith("controlnet_")) {
            assertThat(WeightValues.floats(made.weights(), name)).containsOnly(0);
          } else {
            copied++;
            assertThat(WeightValues.bytes(made.weights(), name))
                .as(name)
                .isEqualTo(WeightValues.bytes(unet.weights(), name));
          }
        }
        assertThat(copied).isGreaterThan(100);
        assertThat(made.weights().tensors().keySet()).containsAll(names(hint.path("tensors")));
      }
    }
  }

  @Test
  void heInitializationIsLouderAndHasNoBiases() {
    Path usual = folder.resolve("usual");
    Path loud = folder.resolve("loud");
    Controls.create(BASE, usual, NewControl.defaults().withSeed(3), DIFFUSERS);
    Controls.create(
        BASE,
        loud,
        NewControl.defaults().withSeed(3).withHintInitialization(HintInitialization.HE),
        DIFFUSERS);
    String block = "controlnet_cond_embedding.blocks.2";
    try (ControlWeights quietOne = ControlWeights.open(usual, Optional.empty());
        ControlWeights loudOne = ControlWeights.open(loud, Optional.empty())) {
      float[] expected = WeightValues.floats(quietOne.weights(), block + ".weight");
      float[] louder = WeightValues.floats(loudOne.weights(), block + ".weight");
      for (int i = 0; i < expected.length; i++) {
        assertThat(louder[i])
            .isCloseTo((float) (expected[i] * Math.sqrt(6)), withinPercentage(0.001));
      }
      assertThat(WeightValues.floats(loudOne.weights(), block + ".bias")).containsOnly(0);
      String last = "controlnet_cond_embedding.conv_out.weight";
      assertThat(WeightValues.floats(loudOne.weights(), last)).containsOnly(0);
      String copied = "time_embedding.linear_1.weight";
      assertThat(WeightValues.bytes(loudOne.weights(), copied))
          .isEqualTo(WeightValues.bytes(quietOne.weights(), copied));
    }
  }

  @Test
  void gaussianConvolutionsKeepASignalsStrengthAndLeaveTheRestAsItIs() {
    NewControl usual = NewControl.defaults().withSeed(3);
    Path zero = folder.resolve("zero");
    Path gaussian = folder.resolve("gaussian");
    Controls.create(BASE, zero, usual, DIFFUSERS);
    Controls.create(
        BASE, gaussian, usual.withZeroConvolutions(ZeroConvolutions.GAUSSIAN), DIFFUSERS);
    try (ControlWeights zeros = ControlWeights.open(zero, Optional.empty());
        ControlWeights drawn = ControlWeights.open(gaussian, Optional.empty())) {
      assertThat(drawn.weights().tensors()).isEqualTo(zeros.weights().tensors());
      List<float[]> seen = new ArrayList<>();
      for (String name : drawn.weights().tensors().keySet()) {
        float[] values = WeightValues.floats(drawn.weights(), name);
        float[] before = WeightValues.floats(zeros.weights(), name);
        if (!name.matches("controlnet_((down|mid)_block.*|cond_embedding.conv_out.*)\\.weight")) {
          assertThat(values).as(name).isEqualTo(before);
          continue;
        }
        assertThat(before).as(name).containsOnly(0);
        List<Long> shape = drawn.weights().tensors().get(name).shape();
        double inputs = (double) values.length / shape.get(0);
        double squares = 0;
        for (float value : values) {
          squares += (double) value * value;
        }
        // the sum of n squares of a unit Gaussian deviates from n by the root of 2 n
        assertThat(squares * inputs)
            .as(name)
            .isCloseTo(values.length, within(4 * Math.sqrt(2.0 * values.length)));
        assertThat(seen).as(name).doesNotContain(values);
        seen.add(values);
      }
      // each block of the encoder, the middle, the hint block
      assertThat(seen).hasSize(drawn.architecture().trunk().levels().size() * 3 + 2);
    }
  }

  @Test
  void otherSeedsGiveOtherHintBlocksAndOneSeedTheSame() {
    String name = "controlnet_cond_embedding.conv_in.weight";
    List<float[]> values = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path out = folder.resolve("made-" + i + ".safetensors");
      Controls.create(BASE, out, NewControl.defaults().withSeed(i / 2), ORIGINAL);
      try (ControlWeights made = ControlWeights.open(out, Optional.empty())) {
        values.add(WeightValues.floats(made.weights(), name));
      }
    }
    assertThat(values.get(0)).isEqualTo(values.get(1)).isNotEqualTo(values.get(2));
  }

  @Test
  void transferEqualsTheOriginalsTool() {
    Path newBase = folder.resolve("unet.safetensors");
    try (UNetWeights unet = UNetWeights.open(Fixtures.tiny(), Optional.empty())) {
      SafetensorsWriter.write(newBase, halved(unet.weights()), WriteOptions.defaults());
    }
    Path out = folder.resolve("moved");
    Controls.transfer(
        CONTROL,
        BASE,
        BaseModel.of(newBase).withConfig(Fixtures.tiny().resolve("unet/config.json")),
        out,
        DIFFUSERS);
    try (ControlWeights moved = ControlWeights.open(out, Optional.empty())) {
      JsonNode expected = reference.path("transferred");
      assertThat(moved.weights().tensors().keySet()).isEqualTo(names(expected));
      for (String name : names(expected)) {
        assertSamples(moved.weights(), name, expected.path(name));
      }
    }
  }

  @Test
  void transferToTheSameBaseKeepsTheControlAndItsNumberType() {
    ControlModel half = ControlModel.of(Fixtures.tinyControlB());
    Path out = folder.resolve("moved.pth");
    Controls.transfer(half, BASE, BASE, out, ORIGINAL);
    try (ControlWeights before = ControlWeights.open(Fixtures.tinyControlB(), Optional.empty());
        ControlWeights after = ControlWeights.open(out, Optional.empty())) {
      assertThat(before.weights().tensors().get("conv_in.weight").dtype()).isEqualTo(DType.F16);
      assertThat(WeightValues.all(after.weights())).isEqualTo(WeightValues.all(before.weights()));
      assertThat(after.architecture()).isEqualTo(before.architecture());
    }
  }

  @Test
  void baseGoesAlong() {
    Path out = folder.resolve("merged.ckpt");
    Controls.create(
        BaseModel.of(OTHER_BASE),
        out,
        NewControl.defaults(),
        ORIGINAL.withBase(true).withPrecision(Precision.FLOAT16));
    try (BaseWeights before = BaseWeights.open(OTHER_BASE, Optional.empty());
        BaseWeights after = BaseWeights.open(out, Optional.empty())) {
      assertThat(WeightValues.all(after.unetWeights()))
          .isEqualTo(WeightValues.all(before.unetWeights()));
      assertThat(WeightValues.all(after.autoencoderWeights()))
          .isEqualTo(WeightValues.all(before.autoencoderWeights()));
      assertThat(WeightValues.all(after.textEncoderWeights()))
          .isEqualTo(WeightValues.all(before.textEncoderWeights()));
      ControlWeights control = after.control().orElseThrow();
      // its autoencoder halves the size once
      assertThat(control.architecture().hintWidths()).containsExactly(16, 16, 32);
      assertThat(WeightValues.bytes(control.weights(), "conv_in.weight"))
          .isEqualTo(WeightValues.bytes(before.unetWeights(), "conv_in.weight"));
    }
  }

  @Test
  void othersThanTheBaseAreNoBase() {
    assertThatThrownBy(
            () ->
                Controls.create(
                    BaseModel.of(Fixtures.tinyControl()),
                    folder.resolve("made"),
                    NewControl.defaults(),
                    DIFFUSERS))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("holds no U-Net: it has")
        .hasMessageContaining("Give a base model");
  }

  @Test
  void hintWidthsThatDoNotFitAreRefusedWithBothFigures() {
    assertThatThrownBy(
            () ->
                Controls.create(
                    BASE,
                    folder.resolve("made"),
                    NewControl.defaults().withHintWidths(List.of(16, 32)),
                    DIFFUSERS))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("2 widths, [16, 32]")
        .hasMessageContaining("8 x 8 pixels, which takes 4 widths");
  }

  @Test
  void otherArchitecturesAreRefusedByATensorAndBothShapes() {
    assertThatThrownBy(
            () ->
                Controls.transfer(
                    CONTROL, BASE, BaseModel.of(OTHER_BASE), folder.resolve("moved"), DIFFUSERS))
        .isInstanceOf(IncompatibleModelException.class)
        .hasMessageContaining("conv_in.bias has the shape [16] in the control and [32] in the new");
    assertThat(folder.resolve("moved")).doesNotExist();
  }

  @Test
  void modelsThatAreReadAreNotReplaced() throws IOException {
    Path base = folder.resolve("base");
    Files.createDirectories(base.resolve("unet"));
    for (String name : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
      Files.copy(Fixtures.tiny().resolve("unet").resolve(name), base.resolve("unet").resolve(name));
    }
    ExportOptions replace = DIFFUSERS.withOverwrite(true);
    for (String out : List.of("base", ".", "base/unet", "base/../base")) {
      assertThatThrownBy(
              () ->
                  Controls.create(
                      BaseModel.of(base), folder.resolve(out), NewControl.defaults(), replace))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("Choose another place");
    }
    Controls.create(
        BaseModel.of(base), base.resolve("controlnet"), NewControl.defaults(), DIFFUSERS);
    try (ControlWeights made = ControlWeights.open(base, Optional.empty())) {
      assertThat(made.architecture().hintWidths()).hasSize(7);
    }
  }

  @Test
  void takenNamesAndCancellationLeaveThingsAsTheyWere() throws IOException {
    Path out = folder.resolve("made.safetensors");
    Files.writeString(out, "precious");
    assertThatThrownBy(() -> Controls.create(BASE, out, NewControl.defaults(), ORIGINAL))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("exists already");
    CancellationToken token = new CancellationToken();
    token.cancel();
    assertThatThrownBy(
            () ->
                Controls.create(
                    BASE,
                    folder.resolve("made"),
                    NewControl.defaults(),
                    DIFFUSERS.withCancellation(token)))
        .isInstanceOf(GenerationCancelledException.class);
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).containsExactly(out);
    }
    assertThat(out).hasContent("precious");
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Set<String> names(JsonNode node) {
    return new HashSet<>(fields(node));
  }

  private static WeightSource halved(WeightSource source) {
    MemoryWeights.Builder builder = MemoryWeights.builder();
    source
        .tensors()
        .forEach(
            (name, info) -> {
              float[] values = WeightValues.floats(source, name);
              for (int i = 0; i < values.length; i++) {
                values[i] *= -0.5f;
              }
              builder.add(name, info.shape(), values);
            });
    return builder.build();
  }

  /** Equal to a part in a million of the tensor's size. */
  private static void assertSamples(WeightSource weights, String name, JsonNode expected) {
    float[] values = WeightValues.floats(weights, name);
    double rms = expected.path("rms").asDouble();
    JsonNode samples = expected.path("samples");
    assertThat(rms).as(name).isPositive();
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    assertThat(Math.sqrt(squares / values.length)).as(name).isCloseTo(rms, within(1e-6 * rms));
    assertThat(sum)
        .as(name)
        .isCloseTo(expected.path("sum").asDouble(), within(1e-6 * rms * values.length));
    for (int i = 0; i < samples.size(); i++) {
      int at = (int) ((long) i * (values.length - 1) / (samples.size() - 1));
      assertThat((double) values[at])
          .as(name)
          .isCloseTo(samples.get(i).asDouble(), within(1e-6 * rms));
    }
  }
}
