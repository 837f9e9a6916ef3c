package io.github.controlnet.core.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.SparseSafetensors;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentFormat.Colour;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import io.github.controlnet.engine.WeightSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published names and shapes, at full size, in every layout. */
class PublishedLayoutsTest {
  private static final UNetSpec UNET =
      new UNetSpec(
          4,
          4,
          List.of(
              new Level(320, 1, 8),
              new Level(640, 1, 8),
              new Level(1280, 1, 8),
              new Level(1280, 0, 1)),
          2,
          1,
          8,
          768,
          1280,
          32,
          1e-5,
          false);
  private static final LatentFormat LATENTS =
      new LatentFormat(
          4,
          8,
          0.18215,
          0,
          new Preview(
              List.of(
                  new Colour(0.298f, 0.207f, 0.208f),
                  new Colour(0.187f, 0.286f, 0.173f),
                  new Colour(-0.158f, 0.189f, 0.264f),
                  new Colour(-0.184f, -0.271f, -0.473f))));
  private static final KlAutoencoderSpec AUTOENCODER =
      new KlAutoencoderSpec(3, LATENTS, List.of(128, 256, 512, 512), 2, 32, true);
  private static final TextEncoderSpec TEXT =
      new TextEncoderSpec(49408, 77, 768, 12, 12, 3072, Activation.QUICK_GELU, 1e-5);

  @TempDir Path folder;

  @Test
  void originalSingleFileHasTheNamesAndShapesOfDiffusers() throws IOException {
    Path file = folder.resolve("v1-5.safetensors");
    Map<String, List<Long>> keys = SparseSafetensors.keys("stable-diffusion-v1-5");
    SparseSafetensors.write(file, "F32", 4, keys);
    try (BaseWeights base = BaseWeights.open(file, Optional.empty())) {
      assertIsStableDiffusion15(base);
      assertThat(base.control()).isEmpty();
      assertThat(base.tokenizer()).isEmpty();
    }
  }

  @Test
  void singleFileOfOldTransformersNamesWithWhatElseCheckpointsHold() throws IOException {
    Map<String, List<Long>> keys = new LinkedHashMap<>();
    SparseSafetensors.keys("stable-diffusion-v1-5")
        .forEach((name, shape) -> keys.put(name.replace(".text_model.", "."), shape));
    keys.put("cond_stage_model.transformer.embeddings.position_ids", List.of(1L, 77L));
    keys.put("model_ema.decay", List.of());
    keys.put("model_ema.diffusion_modelinput_blocks00weight", List.of(320L, 4L, 3L, 3L));
    Path file = folder.resolve("old.safetensors");
    SparseSafetensors.write(file, "F16", 2, keys);
    try (BaseWeights base = BaseWeights.open(file, Optional.empty())) {
      assertIsStableDiffusion15(base);
      assertThat(base.unetWeights().tensors().get("conv_in.weight").dtype())
          .isEqualTo(WeightSource.DType.F16);
    }
  }

  @Test
  void diffusersFolder() throws IOException {
    writeDiffusers("diffusion_pytorch_model.safetensors", "model.safetensors");
    Files.createDirectories(folder.resolve("tokenizer"));
    Files.writeString(folder.resolve("tokenizer/vocab.json"), "{}");
    Files.writeString(folder.resolve("tokenizer/merges.txt"), "");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertIsStableDiffusion15(base);
      assertThat(base.tokenizer()).contains(folder.resolve("tokenizer"));
    }
  }

  @Test
  void diffusersFolderOfVariants() throws IOException {
    writeDiffusers("diffusion_pytorch_model.fp16.safetensors", "model.fp16.safetensors");
    try (BaseWeights base = BaseWeights.open(folder, Optional.empty())) {
      assertIsStableDiffusion15(base);
    }
  }

  @Test
  void controlWithAndWithoutPrefixAndFromDiffusers() throws IOException {
    Map<String, List<Long>> keys = SparseSafetensors.keys("control-sd15");
    Path prefixed = folder.resolve("prefixed.safetensors");
    SparseSafetensors.write(prefixed, "F32", 4, keys);
    Map<String, List<Long>> bareKeys = new LinkedHashMap<>();
    keys.forEach((name, shape) -> bareKeys.put(name.replace("control_model.", ""), shape));
    Path bare = folder.resolve("bare.safetensors");
    SparseSafetensors.write(bare, "F16", 2, bareKeys);
    Path single = folder.resolve("single.safetensors");
    Map<String, List<Long>> diffusers = SparseSafetensors.keys("diffusers-controlnet");
    SparseSafetensors.write(single, "F32", 4, diffusers);
    Path inFolder = folder.resolve("net");
    SparseSafetensors.write(
        inFolder.resolve("diffusion_pytorch_model.safetensors"), "F32", 4, diffusers);
    for (Path path : List.of(prefixed, bare, single, inFolder)) {
      try (ControlWeights control = ControlWeights.open(path, Optional.empty())) {
        assertThat(control.architecture())
            .isEqualTo(new ControlNetSpec(UNET, 3, List.of(16, 16, 32, 32, 96, 96, 256), false));
        assertThat(control.family().name()).isEqualTo("Stable Diffusion 1.x");
        assertThat(shapes(control.weights())).isEqualTo(diffusers);
        assertThat(SparseSafetensors.count(shapes(control.weights()))).isEqualTo(361_279_120);
      }
    }
  }

  @Test
  void mergedFileBringsItsControl() throws IOException {
    Map<String, List<Long>> keys =
        new LinkedHashMap<>(SparseSafetensors.keys("stable-diffusion-v1-5"));
    keys.putAll(SparseSafetensors.keys("control-sd15"));
    Path file = folder.resolve("control_sd15_canny.safetensors");
    SparseSafetensors.write(file, "F32", 4, keys);
    try (BaseWeights base = BaseWeights.open(file, Optional.empty());
        ControlWeights alone = ControlWeights.open(file, Optional.empty())) {
      assertIsStableDiffusion15(base);
      ControlWeights control = base.control().orElseThrow();
      assertThat(control.architecture()).isEqualTo(alone.architecture());
      assertThat(shapes(control.weights()))
          .isEqualTo(SparseSafetensors.keys("diffusers-controlnet"));
      control.close();
      control.weights().read("conv_in.weight", 0, ByteBuffer.allocateDirect(16));
    }
  }

  @Test
  void valuesBeyondTwoAndFourGibibytesAreReadWhereTheyAre() throws IOException {
    Path file = folder.resolve("large.safetensors");
    Map<String, List<Long>> keys = new LinkedHashMap<>();
    keys.put("a", List.of(1L << 15, 1L << 14));
    keys.put("b", List.of(1L << 29));
    keys.put("c", List.of(3L));
    Map<String, Long> starts = SparseSafetensors.write(file, "F32", 4, keys);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (var start : starts.entrySet()) {
        long count = SparseSafetensors.count(keys.getOrDefault(start.getKey(), List.of()));
        ByteBuffer mark = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        channel.write(
            mark.putFloat(start.getKey().charAt(0)).flip(), start.getValue() + 4 * (count - 1));
      }
    }
    assertThat(starts.get("c")).isGreaterThan(1L << 32);
    try (SafetensorsFile open = SafetensorsFile.open(PositionalFile.open(file))) {
      for (String name : keys.keySet()) {
        ByteBuffer value = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        open.read(name, open.tensors().get(name).byteSize() - 8, value);
        assertThat(value.getFloat(0)).isZero();
        assertThat(value.getFloat(4)).isEqualTo(name.charAt(0));
      }
    }
  }

  private void writeDiffusers(String name, String textName) throws IOException {
    SparseSafetensors.write(
        folder.resolve("unet").resolve(name), "F32", 4, SparseSafetensors.keys("diffusers-unet"));
    SparseSafetensors.write(
        folder.resolve("vae").resolve(name), "F32", 4, SparseSafetensors.keys("diffusers-vae"));
    SparseSafetensors.write(
        folder.resolve("text_encoder").resolve(textName),
        "F32",
        4,
        SparseSafetensors.keys("diffusers-text_encoder"));
  }

  private static void assertIsStableDiffusion15(BaseWeights base) {
    assertThat(base.family().name()).isEqualTo("Stable Diffusion 1.x");
    assertThat(base.unet()).isEqualTo(UNET);
    assertThat(base.autoencoder()).isEqualTo(AUTOENCODER);
    assertThat(base.textEncoder()).isEqualTo(TEXT);
    assertThat(base.nativeSize()).isEqualTo(512);
    assertThat(base.noiseSchedule().timesteps()).isEqualTo(1000);
    assertThat(shapes(base.unetWeights())).isEqualTo(SparseSafetensors.keys("diffusers-unet"));
    assertThat(shapes(base.autoencoderWeights()))
        .isEqualTo(SparseSafetensors.keys("diffusers-vae"));
    assertThat(shapes(base.textEncoderWeights()))
        .isEqualTo(SparseSafetensors.keys("diffusers-text_encoder"));
    assertThat(SparseSafetensors.count(shapes(base.unetWeights()))).isEqualTo(859_520_964);
    assertThat(SparseSafetensors.count(shapes(base.autoencoderWeights()))).isEqualTo(83_653_863);
    assertThat(SparseSafetensors.count(shapes(base.textEncoderWeights()))).isEqualTo(123_060_480);
  }

  private static Map<String, List<Long>> shapes(WeightSource source) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    source.tensors().forEach((name, info) -> shapes.put(name, info.shape()));
    return shapes;
  }
}
