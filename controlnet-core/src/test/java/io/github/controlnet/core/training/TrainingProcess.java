package io.github.controlnet.core.training;

import io.github.controlnet.model.BaseModel;
import io.github.controlnet.training.ControlNetTrainer;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.OutputConfig;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingListener;
import io.github.controlnet.training.TrainingProgress;
import io.github.controlnet.training.TrainingResult;
import java.nio.file.Path;

/** A training in a process of its own, to be killed: {@code BASE DATA OUTPUT STEPS}. */
final class TrainingProcess {
  private TrainingProcess() {}

  public static void main(String[] words) {
    train(
        Path.of(words[0]),
        Path.of(words[1]),
        Path.of(words[2]),
        Integer.parseInt(words[3]),
        new TrainingListener() {
          @Override
          public void onStep(TrainingProgress progress) {
            System.out.println("step " + progress.step());
          }
        });
  }

  static TrainingResult train(
      Path base, Path data, Path output, int steps, TrainingListener listener) {
    return ControlNetTrainer.builder()
        .base(BaseModel.of(base))
        .config(config(data, output, steps))
        .listener(listener)
        .build()
        .train();
  }

  static TrainingConfig config(Path data, Path output, int steps) {
    return TrainingConfig.defaults(
            DataConfig.defaults(data).withResolution(64),
            OutputConfig.defaults(output).withCheckpointEvery(2))
        .withOptimizer(OptimizerConfig.defaults().withLearningRate(1e-3).withAverageDecay(0.99))
        .withRun(RunConfig.defaults().withSteps(steps).withBatchSize(2).withThreads(1));
  }
}
