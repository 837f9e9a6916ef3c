package io.github.controlnet.core.training;

import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TrainingBatch;
import java.util.List;

/**
 * Makes batches of samples: pictures become latents, prompts hidden states, both by frozen networks
 * and one at a time, so that a result never depends on its neighbours or on what was cached.
 */
final class BatchMaker {
  private final Autoencoder autoencoder;
  private final TextEncoder textEncoder;
  private final ClipTokenizer tokenizer;
  private final Diffusion diffusion;
  private final LatentShape image;
  private final LatentFormat format;
  private final Cache<Integer, LatentDistribution> latents;
  private final Cache<String, float[]> texts;

  /**
   * Starts.
   *
   * @param image the shape of one picture's latents
   * @param format how latents are written down
   */
  BatchMaker(
      Autoencoder autoencoder,
      TextEncoder textEncoder,
      ClipTokenizer tokenizer,
      Diffusion diffusion,
      LatentShape image,
      LatentFormat format,
      Cache<Integer, LatentDistribution> latents,
      Cache<String, float[]> texts) {
    this.autoencoder = autoencoder;
    this.textEncoder = textEncoder;
    this.tokenizer = tokenizer;
    this.diffusion = diffusion;
    this.image = image;
    this.format = format;
    this.latents = latents;
    this.texts = texts;
  }

  /**
   * Makes a batch.
   *
   * @param share what the whole batch counts, for gradients that are added up
   */
  TrainingBatch batch(List<Sample> samples, double share) {
    int count = samples.size();
    int values = image.size();
    LatentShape shape = new LatentShape(count, image.channels(), image.height(), image.width());
    float[] noisy = new float[count * values];
    float[] targets = new float[count * values];
    float[] timesteps = new float[count];
    float[] weights = new float[count];
    float[] hints = new float[count * samples.get(0).hint().length];
    float[] states = new float[0];
    for (int i = 0; i < count; i++) {
      Sample sample = samples.get(i);
      float[] clean = latents(sample);
      diffusion.noisy(clean, sample.noise(), sample.timestep(), noisy, i * values);
      diffusion.target(clean, sample.noise(), sample.timestep(), targets, i * values);
      timesteps[i] = sample.timestep();
      weights[i] = (float) (diffusion.weight(sample.timestep()) * share);
      int pixels = sample.hint().length;
      System.arraycopy(sample.hint(), 0, hints, i * pixels, pixels);
      float[] text = text(sample.prompt());
      if (states.length == 0) {
        states = new float[count * text.length];
      }
      System.arraycopy(text, 0, states, i * text.length, text.length);
    }
    return new TrainingBatch(shape, noisy, timesteps, states, hints, targets, weights);
  }

  /** Makes a batch of nothing, as large as one of so many samples. */
  TrainingBatch blank(int count, int hintChannels, int side) {
    int values = count * image.size();
    LatentShape shape = new LatentShape(count, image.channels(), image.height(), image.width());
    return new TrainingBatch(
        shape,
        new float[values],
        new float[count],
        new float[count * text("").length],
        new float[count * hintChannels * side * side],
        new float[values],
        new float[count]);
  }

  private float[] latents(Sample sample) {
    LatentDistribution distribution =
        sample
            .latents()
            .or(() -> latents.get(sample.index()))
            .orElseGet(
                () -> {
                  LatentDistribution encoded = autoencoder.encode(sample.pixels(), image);
                  latents.put(sample.index(), encoded);
                  return encoded;
                });
    if (distribution.isCertain()) {
      return format.toDenoiser(distribution.mean());
    }
    float[] mean = distribution.mean();
    float[] logVariance = distribution.logVariance();
    float[] result = new float[mean.length];
    for (int i = 0; i < result.length; i++) {
      double deviation = Math.exp(0.5 * logVariance[i]);
      result[i] = (float) (mean[i] + deviation * sample.latentNoise()[i]);
    }
    return format.toDenoiser(result);
  }

  private float[] text(String prompt) {
    return texts
        .get(prompt)
        .orElseGet(
            () -> {
              float[] values =
                  textEncoder.encode(new int[][] {tokenizer.encode(prompt)}).hiddenStates();
              texts.put(prompt, values);
              return values;
            });
  }
}
