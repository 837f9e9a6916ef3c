package io.github.controlnet.core.pipeline.denoise;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.pipeline.plan.ControlStrength;
import io.github.controlnet.core.pipeline.plan.GenerationPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The networks, prepared for a batch, which they compute in parts of as many images as they like.
 */
final class BatchRuns implements AutoCloseable {
  private final Closing open;
  private final Origin origin;
  private final int images;
  private final int branches;
  private final List<Part> parts = new ArrayList<>();

  /** Images that are computed together; parts that ask the same share what is prepared. */
  private record Part(int from, int count, NetworkRuns runs) {
    float[] of(float[] values, int images) {
      int size = values.length / images;
      return Arrays.copyOfRange(values, from * size, (from + count) * size);
    }
  }

  private BatchRuns(Closing open, DenoisingTask task, LoadedNetworks networks, Asked asked) {
    this.open = open;
    this.origin = task.origin();
    GenerationPlan plan = task.plan();
    this.images = plan.shape().images();
    this.branches = asked.branches().size();
    List<Integer> acting =
        IntStream.range(0, plan.controls().size())
            .filter(control -> acts(plan, control, asked))
            .boxed()
            .toList();
    Map<Asked, NetworkRuns> prepared = new HashMap<>();
    for (int from = 0; from < images; from += networks.imagesAtOnce()) {
      int count = Math.min(networks.imagesAtOnce(), images - from);
      NetworkRuns runs =
          prepared.computeIfAbsent(
              asked.part(from, from + count),
              part -> open.add(NetworkRuns.open(task, networks, part, acting)));
      parts.add(new Part(from, count, runs));
    }
  }

  static BatchRuns open(DenoisingTask task, LoadedNetworks networks, Asked asked) {
    return Closing.opening(open -> new BatchRuns(open, task, networks, asked));
  }

  private static boolean acts(GenerationPlan plan, int control, Asked asked) {
    ControlStrength strength = plan.controls().get(control).strength();
    return IntStream.range(0, plan.sampling().evaluations())
        .anyMatch(e -> strength.actsAt(e) && Asked.at(e, plan).equals(asked));
  }

  /**
   * Asks the networks about all images.
   *
   * @param latents the scaled latents
   * @return [branches, images, channels, height, width]
   */
  float[] predict(float[] latents, int evaluation) {
    float[] unetInput = origin.unetInput(latents);
    int size = latents.length / images;
    float[] all = new float[branches * latents.length];
    for (Part part : parts) {
      float[] predicted =
          part.runs().predict(part.of(latents, images), part.of(unetInput, images), evaluation);
      int length = part.count() * size;
      for (int branch = 0; branch < branches; branch++) {
        int to = branch * latents.length + part.from() * size;
        System.arraycopy(predicted, branch * length, all, to, length);
      }
    }
    return all;
  }

  @Override
  public void close() {
    open.close();
  }
}
