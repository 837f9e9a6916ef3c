package io.github.controlnet.engine;

import io.github.controlnet.engine.Site.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of a U-Net (Rombach et al. 2022, arXiv:2112.10752), as far as its weights tell, and the
 * few numbers that they do not.
 *
 * <p>Level 0 has the latents' size, each further level half of it. The encoder has {@code
 * residualBlocks} residual blocks a level, the decoder one more.
 *
 * @param inChannels channels of the input: 4, or 9 for inpainting
 * @param outChannels channels of the prediction
 * @param levels from the full resolution downwards
 * @param residualBlocks residual blocks a level in the encoder, 2 for Stable Diffusion
 * @param middleDepth transformer blocks in the middle, 1 for Stable Diffusion, 0 for none
 * @param middleHeads attention heads in the middle
 * @param contextWidth values in a token's hidden state, 768 for Stable Diffusion 1.x
 * @param timeWidth values in the time embedding, 1280 for Stable Diffusion
 * @param groups groups of the group norms, 32 for Stable Diffusion
 * @param normEpsilon epsilon of the group norms of the residual blocks, 1e-5
 * @param linearProjection whether the transformers' projections are linear layers (2.x) instead of
 *     1 x 1 convolutions (1.x)
 */
public record UNetSpec(
    int inChannels,
    int outChannels,
    List<Level> levels,
    int residualBlocks,
    int middleDepth,
    int middleHeads,
    int contextWidth,
    int timeWidth,
    int groups,
    double normEpsilon,
    boolean linearProjection)
    implements DenoiserSpec {

  /** Copies the list. */
  public UNetSpec {
    levels = List.copyOf(levels);
  }

  /**
   * One resolution.
   *
   * @param channels its channels
   * @param depth transformer blocks after each residual block; 0 for none
   * @param heads attention heads; meaningless when there are no transformer blocks
   */
  public record Level(int channels, int depth, int heads) {}

  /**
   * Returns where controls may act: each skip, and the middle.
   *
   * @return 12 skips and the middle for Stable Diffusion 1.x, three on each of the levels 0 to 3
   *     and the middle on level 3
   */
  @Override
  public List<Site> sites() {
    List<Site> result = new ArrayList<>();
    result.add(new Site(Place.SKIP, 0, 0, levels.get(0).channels()));
    for (int level = 0; level < levels.size(); level++) {
      int channels = levels.get(level).channels();
      for (int block = 0; block < residualBlocks; block++) {
        result.add(new Site(Place.SKIP, result.size(), level, channels));
      }
      if (level + 1 < levels.size()) {
        // what leads to the next level
        result.add(new Site(Place.SKIP, result.size(), level + 1, channels));
      } else {
        result.add(new Site(Place.MIDDLE, 0, level, channels));
      }
    }
    return List.copyOf(result);
  }

  @Override
  public boolean perturbable() {
    return middleDepth > 0;
  }
}
