package io.github.controlnet.core.pipeline.plan;

import io.github.controlnet.ControlInput;
import io.github.controlnet.core.pipeline.load.LoadedControl;

/**
 * One control in one generation.
 *
 * @param control the loaded control
 * @param input what the request gives it
 * @param strength how strongly it acts, and when
 */
public record PlannedControl(LoadedControl control, ControlInput input, ControlStrength strength) {}
