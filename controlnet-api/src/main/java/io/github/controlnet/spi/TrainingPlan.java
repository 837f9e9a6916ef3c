package io.github.controlnet.spi;

import io.github.controlnet.BaseModel;
import io.github.controlnet.CancellationToken;
import io.github.controlnet.ControlModel;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingListener;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a trainer is asked to do.
 *
 * @param base the base model
 * @param control what to start from; empty for a fresh control, made from the base
 * @param tokenizer the tokenizer's folder, when it is not beside the base
 * @param config the rest
 * @param listener hears of progress
 * @param cancellation ends the training after the running step, with a checkpoint
 */
public record TrainingPlan(
    BaseModel base,
    Optional<ControlModel> control,
    Optional<Path> tokenizer,
    TrainingConfig config,
    TrainingListener listener,
    CancellationToken cancellation) {}
