package io.github.controlnet.core.training;

import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.OptimizerConfig;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What must be the same for a training to go on, as it stands in a checkpoint. */
final class TrainingFacts {
  private TrainingFacts() {}

  /**
   * Lists the facts.
   *
   * @param split how the pictures of an update are computed
   * @return values by their names, as messages say them
   */
  static Map<String, String> of(TrainingConfig config, TrainingSetup setup, BatchSplit split) {
    RunConfig run = config.run();
    DataConfig from = config.data();
    OptimizerConfig optimizer = config.optimizer();
    BaseWeights base = setup.base();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(
        "base",
        Fingerprint.of(base.unetWeights(), base.textEncoderWeights(), base.autoencoderWeights()));
    all.put("control", setup.control().fingerprint());
    all.put("data", setup.data().digest());
    all.put("annotator", from.annotator() + new TreeMap<>(from.annotatorOptions()));
    all.put("resolution", setup.side());
    all.put("seed", run.seed());
    all.put("number of pictures in an update", BatchSplit.asked(run).pictures());
    all.put("batch size", split.size());
    all.put("accumulation", split.count());
    all.put("precision", setup.spec().precision().name().toLowerCase(Locale.ROOT));
    all.put("sd_locked", run.sdLocked());
    all.put("only_mid_control", run.onlyMidControl());
    all.put("loss", config.loss().type().name().toLowerCase(Locale.ROOT));
    all.put("min_snr_gamma", config.loss().minSnrGamma());
    all.put("prompt_drop_rate", config.loss().promptDropRate());
    all.put("beta1", optimizer.beta1());
    all.put("beta2", optimizer.beta2());
    all.put("weight_decay", optimizer.weightDecay());
    all.put("epsilon", optimizer.epsilon());
    all.put("gradient_clip", optimizer.gradientClip());
    all.put("moving average", optimizer.averageDecay() > 0);
    all.put("average_decay", optimizer.averageDecay());
    Map<String, String> texts = new LinkedHashMap<>();
    all.forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return texts;
  }
}
