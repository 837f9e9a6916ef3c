package io.github.controlnet.core.provenance;

import io.github.controlnet.ControlInput;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.Output;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.Resolved;
import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import io.github.controlnet.sampler.ScheduleSettings;
import java.util.ArrayList;
import java.util.List;

/** The request that makes the pictures of a result again: nothing in it is left open. */
final class RepeatedRequest {
  private RepeatedRequest() {}

  static GenerationRequest of(GenerationResult result) {
    Provenance made = result.provenance();
    GenerationRequest asked = made.request();
    Resolved resolved = made.resolved();
    boolean each = asked.sampling().seedPerImage();
    GenerationRequest.Builder again =
        asked.toBuilder()
            .sampling(
                asked
                    .sampling()
                    .withSampler(new Named(resolved.sampler(), resolved.scheduleSettings()))
                    .withSeeds(each ? resolved.seeds() : resolved.seeds().subList(0, 1)))
            .controls(asked.controls().withList(controls(result)));
    // A size that was asked for brings an init image to it; one that was not leaves it.
    if (asked.initImage().isEmpty()) {
      again.output(
          Output.usual()
              .withImagesPerPrompt(asked.output().imagesPerPrompt())
              .withWidth(resolved.width())
              .withHeight(resolved.height()));
    }
    return again.build();
  }

  /**
   * The maps in place of the photographs. A mask belongs to the picture as it was given, and so do
   * holes; and where only a part is painted, the map is of that part.
   */
  private static List<ControlInput> controls(GenerationResult result) {
    GenerationRequest asked = result.provenance().request();
    boolean part =
        asked
            .initImage()
            .flatMap(InitImage::mask)
            .map(InpaintMask::padding)
            .filter(padding -> padding.isPresent())
            .isPresent();
    List<ControlInput> controls = new ArrayList<>();
    for (ControlInput input : asked.controls().list()) {
      boolean whole = part || input.mask().isPresent() || input.inpaintMask().isPresent();
      controls.add(whole ? input : input.withMap(result.controlMaps().get(controls.size())));
    }
    return controls;
  }

  /** What a record tells of a sampler, whose class may be the application's own. */
  private record Named(String name, ScheduleSettings settings) implements Sampler {
    @Override
    public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
      throw new UnsupportedOperationException("a name alone");
    }
  }
}
