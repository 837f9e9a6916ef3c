package io.github.controlnet.training;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.lookup.Providers;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Trains a ControlNet (Zhang et al. 2023, arXiv:2302.05543): the base is frozen, a trainable copy
 * of its encoder learns to steer it.
 *
 * <pre>{@code
 * TrainingResult result =
 *     ControlNetTrainer.builder()
 *         .base(BaseModel.of(Path.of("stable-diffusion-v1-5")))
 *         .config(
 *             TrainingConfig.defaults(
 *                 DataConfig.defaults(Path.of("fill50k/prompt.json")),
 *                 OutputConfig.defaults(Path.of("runs/circles"))))
 *         .build()
 *         .train();
 * }</pre>
 */
public final class ControlNetTrainer {
  private final TrainingPlan plan;

  private ControlNetTrainer(TrainingPlan plan) {
    this.plan = plan;
  }

  /**
   * Starts a trainer.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains, and returns when it is done. A training that was ended, in whatever way, goes on from
   * its newest checkpoint when it is started again with the same output folder, and ends with the
   * weights that it would have had.
   *
   * @return what was made
   * @throws InvalidRequestException when the configuration does not fit the models or the data, or
   *     the engine cannot train
   * @throws io.github.controlnet.exception.ProviderNotFoundException when there is no engine of the
   *     name
   * @throws TrainingDataException when a record cannot be used and is not to be skipped
   * @throws io.github.controlnet.exception.WeightsException when a model cannot be read
   * @throws io.github.controlnet.exception.GenerationCancelledException when it was cancelled; a
   *     checkpoint has been written
   * @throws io.github.controlnet.exception.EngineException when the engine fails, or the loss is no
   *     number any more
   */
  public TrainingResult train() {
    return Providers.only(
            TrainerProvider.class,
            "trainer",
            "Add the artifact io.github.controlnet:controlnet-core at run time.")
        .train(plan);
  }

  /** Collects what a training needs. Base and configuration are required. */
  public static final class Builder {
    private @Nullable BaseModel base;
    private @Nullable ControlModel control;
    private @Nullable Path tokenizer;
    private String engine = "pytorch";
    private @Nullable TrainingConfig config;
    private TrainingListener listener = new TrainingListener() {};
    private CancellationToken cancellation = new CancellationToken();

    private Builder() {}

    /**
     * Sets the base model.
     *
     * @param model the model
     * @return this builder
     */
    public Builder base(BaseModel model) {
      this.base = Checks.nonNull(model, "the base model");
      return this;
    }

    /**
     * Sets the control to start from.
     *
     * @param model the control; a fresh one, made from the base, when none is set
     * @return this builder
     */
    public Builder control(ControlModel model) {
      this.control = Checks.nonNull(model, "the control model");
      return this;
    }

    /**
     * Sets the folder of the tokenizer, for a base that is a single file.
     *
     * @param folder a folder with {@code vocab.json} and {@code merges.txt}, or {@code
     *     tokenizer.json}
     * @return this builder
     */
    public Builder tokenizer(Path folder) {
      this.tokenizer = Checks.nonNull(folder, "the tokenizer's folder");
      return this;
    }

    /**
     * Chooses the engine to train on by name. It must be a {@link
     * io.github.controlnet.engine.TrainingEngine}; sample pictures are made by it too.
     *
     * @param name the name; {@code pytorch} when none is set
     * @return this builder
     */
    public Builder engine(String name) {
      this.engine = Checks.nonNull(name, "the engine's name");
      return this;
    }

    /**
     * Sets the configuration.
     *
     * @param value the configuration
     * @return this builder
     */
    public Builder config(TrainingConfig value) {
      this.config = Checks.nonNull(value, "the configuration");
      return this;
    }

    /**
     * Sets the listener to progress.
     *
     * @param value the listener
     * @return this builder
     */
    public Builder listener(TrainingListener value) {
      this.listener = Checks.nonNull(value, "the listener");
      return this;
    }

    /**
     * Sets what can end the training.
     *
     * @param token the token
     * @return this builder
     */
    public Builder cancellation(CancellationToken token) {
      this.cancellation = Checks.nonNull(token, "the token");
      return this;
    }

    /**
     * Checks that nothing is missing. No file is opened yet.
     *
     * @return the trainer
     * @throws InvalidRequestException when base or configuration are missing
     */
    public ControlNetTrainer build() {
      return new ControlNetTrainer(
          new TrainingPlan(
              Checks.nonNull(base, "the base model: call base(BaseModel)"),
              Optional.ofNullable(control),
              Optional.ofNullable(tokenizer),
              engine,
              Checks.nonNull(config, "the configuration: call config(TrainingConfig)"),
              listener,
              cancellation));
    }
  }
}
