package io.github.controlnet.core.family;

import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.sampler.NoiseSchedule;
import java.util.function.IntUnaryOperator;

/**
 * What holds for a family's models where neither their weights nor a configuration tell.
 *
 * @param heads from the channels of a level to its attention heads
 * @param hasMore whether its U-Nets and controls have tensors that their specifications do not tell
 *     of, which are then let pass when sizes are read; such networks are not run
 * @param latents how latents are written down, by an autoencoder of the usual size
 * @param noiseSchedule the noise schedule
 * @param latentSide the side of the latents that models were trained with, in latents
 */
public record Defaults(
    IntUnaryOperator heads,
    boolean hasMore,
    LatentFormat latents,
    NoiseSchedule noiseSchedule,
    int latentSide) {

  /**
   * Chooses heads by their width.
   *
   * @param channels of one head
   * @return as many heads as make up a level's channels, at least one
   */
  public static IntUnaryOperator headsOf(int channels) {
    return width -> Math.max(1, width / channels);
  }
}
