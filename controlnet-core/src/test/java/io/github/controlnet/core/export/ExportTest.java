package io.github.controlnet.core.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.progress.CancellationToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written is read back as what it was, and a failure leaves nothing behind. */
class ExportTest {
  private static final Path BASE = Fixtures.tiny();
  private static final Path CONTROL = Fixtures.tinyControl();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "DIFFUSERS, made",
    "ORIGINAL, made.safetensors",
    "ORIGINAL, made.pth",
    "ORIGINAL, made.ckpt"
  })
  void controlComesBack(ModelLayout layout, String name) throws IOException {
    Path out = folder.resolve("new").resolve(name);
    try (ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      ControlExport.write(
          out, control.architecture(), control.weights(), layout, WriteOptions.defaults());
      try (ControlWeights written = ControlWeights.open(out, Optional.empty())) {
        assertThat(written.architecture()).isEqualTo(control.architecture());
        assertThat(written.weights().tensors()).isEqualTo(control.weights().tensors());
        assertThat(WeightValues.all(written.weights()))
            .isEqualTo(WeightValues.all(control.weights()));
      }
    }
    assertNothingTemporary();
  }

  @ParameterizedTest
  @CsvSource({"DIFFUSERS, made", "ORIGINAL, made.safetensors", "ORIGINAL, made.ckpt"})
  void baseWithAnotherUnetAndControlComesBack(ModelLayout layout, String name) throws IOException {
    Path out = folder.resolve(name);
    try (BaseWeights base = BaseWeights.open(BASE, Optional.empty());
        ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      WeightSource changed = doubled(base.unetWeights());
      BaseExport.of(base)
          .withUnet(changed)
          .withControl(control.architecture(), control.weights())
          .write(out, layout, WriteOptions.defaults());
      try (BaseWeights written = BaseWeights.open(out, Optional.empty())) {
        assertThat(written.unet()).isEqualTo(base.unet());
        assertThat(written.autoencoder()).isEqualTo(base.autoencoder());
        assertThat(written.textEncoder()).isEqualTo(base.textEncoder());
        assertThat(written.nativeSize()).isEqualTo(base.nativeSize());
        assertThat(WeightValues.all(written.unetWeights())).isEqualTo(WeightValues.all(changed));
        assertThat(WeightValues.all(written.autoencoderWeights()))
            .isEqualTo(WeightValues.all(base.autoencoderWeights()));
        assertThat(WeightValues.all(written.textEncoderWeights()))
            .isEqualTo(WeightValues.all(base.textEncoderWeights()));
        ControlWeights writtenControl = written.control().orElseThrow();
        assertThat(writtenControl.architecture()).isEqualTo(control.architecture());
        assertThat(WeightValues.all(writtenControl.weights()))
            .isEqualTo(WeightValues.all(control.weights()));
        assertThat(written.tokenizer().isPresent()).isEqualTo(layout == ModelLayout.DIFFUSERS);
        for (int t = 0; t < 1000; t++) {
          assertThat(written.noiseSchedule().alphaBar(t))
              .isEqualTo(base.noiseSchedule().alphaBar(t));
        }
      }
    }
    assertNothingTemporary();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void sixteenBits(DType dtype) {
    Path out = folder.resolve("half.safetensors");
    try (ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      ControlExport.write(
          out,
          control.architecture(),
          control.weights(),
          ModelLayout.ORIGINAL,
          WriteOptions.defaults().withDtype(dtype));
      double step = dtype == DType.F16 ? 0x1p-11 : 0x1p-8;
      try (ControlWeights written = ControlWeights.open(out, Optional.empty())) {
        for (String name : control.weights().tensors().keySet()) {
          assertThat(written.weights().tensors().get(name).dtype()).isEqualTo(dtype);
          float[] before = WeightValues.floats(control.weights(), name);
          float[] after = WeightValues.floats(written.weights(), name);
          double worst = 0;
          for (int i = 0; i < before.length; i++) {
            double allowed = Math.max(step * Math.abs(before[i]), 0x1p-25);
            worst = Math.max(worst, Math.abs((double) after[i] - before[i]) / allowed);
          }
          assertThat(worst).isBetween(0.0, 1.0);
        }
      }
    }
  }

  @Test
  void tablesOfTheOriginalKeepTheirTypeAndWholeNumbersToo() {
    Path out = folder.resolve("half.safetensors");
    try (BaseWeights base = BaseWeights.open(BASE, Optional.empty())) {
      BaseExport.of(base)
          .write(out, ModelLayout.ORIGINAL, WriteOptions.defaults().withDtype(DType.F16));
    }
    WrittenFile file = WrittenFile.open(out);
    assertThat(file.dtype("alphas_cumprod")).isEqualTo("F32");
    assertThat(file.dtype("cond_stage_model.transformer.text_model.embeddings.position_ids"))
        .isEqualTo("I64");
    assertThat(file.dtype("model.diffusion_model.out.2.weight")).isEqualTo("F16");
  }

  @Test
  void whatIsThereIsKeptUnlessReplacingIsAllowed() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Files.writeString(file, "precious");
    WeightSource tensor = ones(3);
    assertThatThrownBy(() -> SafetensorsWriter.write(file, tensor, WriteOptions.defaults()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("a.safetensors exists already");
    assertThat(file).hasContent("precious");
    SafetensorsWriter.write(file, tensor, WriteOptions.defaults().withOverwrite(true));
    assertThat(Files.size(file)).isGreaterThan(8);
    assertNothingTemporary();
  }

  @Test
  void foldersThatHoldOtherThingsAreKept() throws IOException {
    Path out = Files.createDirectory(folder.resolve("full"));
    Files.writeString(out.resolve("notes.txt"), "precious");
    try (ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      assertThatThrownBy(
              () ->
                  ControlExport.write(
                      out,
                      control.architecture(),
                      control.weights(),
                      ModelLayout.DIFFUSERS,
                      WriteOptions.defaults()))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("full exists already");
      ControlExport.write(
          out,
          control.architecture(),
          control.weights(),
          ModelLayout.DIFFUSERS,
          WriteOptions.defaults().withOverwrite(true));
    }
    assertThat(out.resolve("notes.txt")).hasContent("precious");
    assertThat(out.resolve("config.json")).exists();
  }

  @Test
  void configurationsBesideOriginalFilesBelongToThem() throws IOException {
    Path out = folder.resolve("made.safetensors");
    Path beside = folder.resolve("made.json");
    try (ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      CancellationToken token = new CancellationToken();
      token.cancel();
      assertThatThrownBy(
              () ->
                  ControlExport.write(
                      out,
                      control.architecture(),
                      control.weights(),
                      ModelLayout.ORIGINAL,
                      WriteOptions.defaults().withCancellation(token)))
          .isInstanceOf(GenerationCancelledException.class);
      assertThat(beside).doesNotExist();
      Files.writeString(beside, "precious");
      assertThatThrownBy(() -> writeOriginal(out, control, false))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("made.json exists already");
      assertThat(out).doesNotExist();
      writeOriginal(out, control, true);
      assertThat(beside).content().contains("\"norm_num_groups\" : 8");
      // one of the same content serves two files
      writeOriginal(folder.resolve("made.pth"), control, false);
    }
  }

  private static void writeOriginal(Path out, ControlWeights control, boolean overwrite) {
    ControlExport.write(
        out,
        control.architecture(),
        control.weights(),
        ModelLayout.ORIGINAL,
        WriteOptions.defaults().withOverwrite(overwrite));
  }

  @Test
  void failingAndCancelledWritesLeaveNothing() throws IOException {
    WeightSource breaking =
        new WeightSource() {
          @Override
          public Map<String, TensorInfo> tensors() {
            return ones(1 << 20).tensors();
          }

          @Override
          public void read(String name, long byteOffset, ByteBuffer destination) {
            if (byteOffset > 0) {
              throw new WeightsException("the source broke");
            }
            destination.position(destination.limit());
          }
        };
    for (String name : List.of("a.safetensors", "a.pth")) {
      Path file = folder.resolve(name);
      assertThatThrownBy(() -> write(file, breaking, WriteOptions.defaults()))
          .hasMessage("the source broke");
      CancellationToken token = new CancellationToken();
      token.cancel();
      WriteOptions cancelled = WriteOptions.defaults().withCancellation(token);
      assertThatThrownBy(() -> write(file, ones(3), cancelled))
          .isInstanceOf(GenerationCancelledException.class);
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  private static void write(Path file, WeightSource tensors, WriteOptions options) {
    if (file.toString().endsWith(".pth")) {
      TorchWriter.write(file, tensors, options);
    } else {
      SafetensorsWriter.write(file, tensors, options);
    }
  }

  @Test
  void moreThanTheDiskHoldsIsRefusedAtOnce() {
    WeightSource huge =
        new WeightSource() {
          @Override
          public Map<String, TensorInfo> tensors() {
            return Map.of("huge", new TensorInfo(DType.F32, List.of(1L << 50)));
          }

          @Override
          public void read(String name, long byteOffset, ByteBuffer destination) {
            throw new AssertionError("nothing should be read");
          }
        };
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(
                    folder.resolve("a.safetensors"), huge, WriteOptions.defaults()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("needs 4,503,599,627,370,")
        .hasMessageContaining("Make room");
  }

  @Test
  void valuesThatDoNotFitAreNamed() {
    WeightSource large =
        MemoryWeights.builder().add("w", List.of(2L), new float[] {1, -70000}).build();
    Path file = folder.resolve("a.safetensors");
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(file, large, WriteOptions.defaults().withDtype(DType.F16)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("w holds -70000.0")
        .hasMessageContaining("BF16");
    assertThat(file).doesNotExist();
  }

  @Test
  void namesTellTheLayout() {
    try (ControlWeights control = ControlWeights.open(CONTROL, Optional.empty())) {
      assertThatThrownBy(
              () ->
                  ControlExport.write(
                      folder.resolve("made"),
                      control.architecture(),
                      control.weights(),
                      ModelLayout.ORIGINAL,
                      WriteOptions.defaults()))
          .hasMessageContaining("ends in .safetensors, .pth, .pt or .ckpt");
      assertThatThrownBy(
              () ->
                  ControlExport.write(
                      folder.resolve("made.pth"),
                      control.architecture(),
                      control.weights(),
                      ModelLayout.DIFFUSERS,
                      WriteOptions.defaults()))
          .hasMessageContaining("layout is a folder");
    }
  }

  @Test
  void metadataGoAlong() {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(
        file, ones(3), WriteOptions.defaults().withMetadata("step", "\"12\"\n"));
    WrittenFile written = WrittenFile.open(file);
    assertThat(written.metadata())
        .containsExactly(Map.entry("format", "pt"), Map.entry("step", "\"12\"\n"));
    assertThat(written.headerLength() % 8).isZero();
  }

  private static MemoryWeights ones(int count) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, 1);
    return MemoryWeights.builder().add("ones", List.of((long) count), values).build();
  }

  private static WeightSource doubled(WeightSource source) {
    MemoryWeights.Builder builder = MemoryWeights.builder();
    source
        .tensors()
        .forEach(
            (name, info) -> {
              float[] values = WeightValues.floats(source, name);
              for (int i = 0; i < values.length; i++) {
                values[i] *= 2;
              }
              builder.add(name, info.shape(), values);
            });
    return builder.build();
  }

  private void assertNothingTemporary() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all.map(path -> String.valueOf(path.getFileName())))
          .noneMatch(name -> name.endsWith(".tmp"));
    }
  }
}
