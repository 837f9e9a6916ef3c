package io.github.controlnet.core.training;

import io.github.controlnet.core.export.SafetensorsWriter;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.engine.WeightSource;
import java.util.Map;

/**
 * Writes checkpoints, and removes old ones.
 *
 * @param checkpoints where they go
 * @param keep how many are kept, 0 for all
 * @param facts what the training is
 * @param exports writes the control that lies in each
 */
record CheckpointWriter(
    Checkpoints checkpoints, int keep, Map<String, String> facts, Exports exports) {

  /** Writes the state after a step. */
  Checkpoint save(int step, WeightSource state) {
    Checkpoint checkpoint =
        checkpoints.write(
            step,
            facts,
            folder -> {
              SafetensorsWriter.write(Checkpoint.tensors(folder), state, WriteOptions.defaults());
              exports.writeControl(folder.resolve("control"), state);
            });
    checkpoints.prune(keep);
    return checkpoint;
  }
}
