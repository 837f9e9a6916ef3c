package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.internal.Cancellation;
import io.github.controlnet.core.pipeline.canvas.PictureDecoder;
import io.github.controlnet.core.sampler.ExpectedSample;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.sampler.NoiseSchedule;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Draws by an autoencoder what the finished pictures are expected to be: latents on their way hold
 * noise, which would hide all the rest.
 */
public final class DecodedPreview implements Previewer {
  private final LatentShape shape;
  private final NoiseSchedule schedule;
  private final LatentFormat latents;
  private final Supplier<PictureDecoder> open;
  private final Cancellation cancellation;
  private @Nullable PictureDecoder decoder;

  /**
   * Makes a previewer.
   *
   * @param shape the batch's latents
   * @param schedule what is sampled with
   * @param latents how the autoencoder's latents are written down
   * @param open loads the autoencoder, when the first preview is asked for
   * @param cancellation is asked before each image
   */
  public DecodedPreview(
      LatentShape shape,
      NoiseSchedule schedule,
      LatentFormat latents,
      Supplier<PictureDecoder> open,
      Cancellation cancellation) {
    this.shape = shape;
    this.schedule = schedule;
    this.latents = latents;
    this.open = open;
    this.cancellation = cancellation;
  }

  @Override
  public List<BufferedImage> draw(DoneStep step) {
    if (decoder == null) {
      decoder = open.get();
    }
    float[] expected =
        ExpectedSample.of(schedule, step.timestep(), step.input(), step.prediction());
    return decoder.decodeEach(latents.toAutoencoder(expected), shape, cancellation);
  }
}
