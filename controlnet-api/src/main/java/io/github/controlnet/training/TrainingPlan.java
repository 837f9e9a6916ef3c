package io.github.controlnet.training;

import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a trainer is asked to do.
 *
 * @param base the base model
 * @param control what to start from; empty for a fresh control, made from the base
 * @param tokenizer the tokenizer's folder, when it is not beside the base
 * @param engine the name of the engine to train on
 * @param config the rest
 * @param listener is told of the progress
 * @param cancellation ends the training after the running step, with a checkpoint
 */
public record TrainingPlan(
    BaseModel base,
    Optional<ControlModel> control,
    Optional<Path> tokenizer,
    String engine,
    TrainingConfig config,
    TrainingListener listener,
    CancellationToken cancellation) {}
