package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.ControlInput;
import io.github.controlnet.core.pipeline.condition.ChosenAnnotator;
import io.github.controlnet.core.pipeline.load.LoadedControl;
import java.util.Optional;

/**
 * One control in one generation.
 *
 * @param control the loaded control
 * @param input what the request gives it
 * @param annotator what makes the map of the input's picture; empty when it is a map already
 * @param strength how strongly it acts, and when
 */
public record PlannedControl(
    LoadedControl control,
    ControlInput input,
    Optional<ChosenAnnotator> annotator,
    ControlStrength strength) {}
