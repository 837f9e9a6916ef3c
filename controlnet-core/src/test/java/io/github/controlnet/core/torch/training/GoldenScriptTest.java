package io.github.controlnet.core.torch.training;

import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.torch.GoldenScripts;
import io.github.controlnet.core.torch.Targets;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.UNetSpec.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is written for each network stays as it was: see {@link GoldenScripts}. */
class GoldenScriptTest {
  private static final UNetSpec TINY =
      new UNetSpec(
          4, 4, List.of(new Level(8, 1, 2), new Level(16, 0, 2)), 1, 1, 2, 12, 32, 4, 1e-5, false);

  /** Other widths in and out, several blocks at a place, linear projections. */
  private static final UNetSpec DEEP =
      new UNetSpec(
          9, 4, List.of(new Level(8, 0, 1), new Level(16, 2, 4)), 2, 2, 4, 24, 32, 8, 1e-6, true);

  private static final UNetSpec SD15 =
      new UNetSpec(
          4,
          4,
          List.of(
              new Level(320, 1, 8),
              new Level(640, 1, 8),
              new Level(1280, 1, 8),
              new Level(1280, 0, 8)),
          2,
          1,
          8,
          768,
          1280,
          32,
          1e-5,
          false);

  private static Map<String, Supplier<Graph>> networks() {
    Map<String, Supplier<Graph>> all = new LinkedHashMap<>();
    unet(all, "tiny", TINY, List.of(4, 8, 8));
    unet(all, "deep", DEEP, List.of(4, 8, 8, 16, 16));
    unet(all, "sd15", SD15, List.of(16, 32, 96, 256));
    autoencoder(all, "tiny", new KlAutoencoderSpec(3, latents(2), List.of(8, 16), 1, 4, true));
    autoencoder(
        all,
        "sd15",
        new KlAutoencoderSpec(3, latents(8), List.of(128, 256, 512, 512), 2, 32, true));
    text(all, "tiny", new TextEncoderSpec(50, 9, 8, 2, 2, 16, Activation.GELU, 1e-5));
    text(
        all,
        "sd15",
        new TextEncoderSpec(49408, 77, 768, 12, 12, 3072, Activation.QUICK_GELU, 1e-5));
    TinyAutoencoderSpec taesd =
        new TinyAutoencoderSpec(3, latents(8), 64, List.of(3, 3, 3, 1), List.of(1, 3, 3, 3));
    all.put("taesd-decoder", () -> TinyVae.decoder(taesd));
    all.put("taesd-encoder", () -> TinyVae.encoder(taesd));
    return all;
  }

  /** What a script knows of latents: channels, and pixels of a latent's side. */
  private static LatentFormat latents(int factor) {
    return new LatentFormat(4, factor, 0.2, 0, LatentFormat.Preview.GREY);
  }

  private static void unet(
      Map<String, Supplier<Graph>> all, String name, UNetSpec sizes, List<Integer> hints) {
    all.put(name + "-unet", () -> UNet.graph(sizes));
    for (boolean pooled : new boolean[] {false, true}) {
      ControlNetSpec control = new ControlNetSpec(sizes, 3, hints, pooled);
      all.put(name + "-control" + (pooled ? "-pooled" : ""), () -> ControlNet.graph(control));
    }
  }

  private static void autoencoder(
      Map<String, Supplier<Graph>> all, String name, KlAutoencoderSpec sizes) {
    all.put(name + "-decoder", () -> Vae.decoder(sizes));
    all.put(name + "-encoder", () -> Vae.encoder(sizes));
  }

  private static void text(Map<String, Supplier<Graph>> all, String name, TextEncoderSpec sizes) {
    all.put(name + "-text", () -> ClipText.graph(sizes));
  }

  private static Map<String, String> inference() {
    Map<String, String> scripts = new LinkedHashMap<>();
    Targets.all()
        .forEach(
            (target, writes) ->
                networks()
                    .forEach(
                        (name, network) ->
                            scripts.put(name + "." + target, writes.lower(network.get()).text())));
    return scripts;
  }

  @Test
  void networksThatPredict() {
    GoldenScripts.compare(
        "core",
        inference(),
        List.of(
            "tiny-unet.plain-f32",
            "tiny-unet.packed-f32",
            "tiny-unet.divided-packed-bf16",
            "tiny-control.plain-f32",
            "tiny-control-pooled.packed-bf16",
            "tiny-decoder.plain-f32",
            "tiny-decoder.packed-f32",
            "tiny-encoder.packed-bf16",
            "tiny-text.plain-f32",
            "tiny-text.packed-f32",
            "deep-unet.plain-bf16",
            "taesd-decoder.packed-f32",
            "taesd-encoder.plain-bf16"));
  }

  /** One choice at a time, and all. */
  @Test
  void networksThatLearn() {
    Map<String, String> scripts = new LinkedHashMap<>();
    Map.of("tiny", TINY, "deep", DEEP, "sd15", SD15)
        .forEach(
            (name, sizes) -> {
              List<Integer> hints = List.of(4, 8, 8);
              for (int choice = 0; choice < 7; choice++) {
                boolean all = choice == 6;
                TrainingSpec spec =
                    new TrainingSpec(
                        sizes,
                        new ControlNetSpec(sizes, 3, hints, all),
                        all || choice == 1,
                        all || choice == 2,
                        choice == 3,
                        all || choice == 4,
                        all || choice == 5 ? Precision.BFLOAT16 : Precision.FLOAT32,
                        all);
                scripts.put(
                    name + "-training-" + choice,
                    TrainingScript.write(spec, "cpu").source().text());
              }
            });
    GoldenScripts.compare(
        "training",
        new TreeMap<>(scripts),
        List.of("tiny-training-0", "tiny-training-6", "deep-training-4"));
  }
}
