package io.github.controlnet.core.pipeline;

import io.github.controlnet.ControlInput;

/**
 * One control in one generation.
 *
 * @param control the loaded control
 * @param input what the request gives it
 * @param strength how strongly it acts, and when
 */
record PlannedControl(LoadedControl control, ControlInput input, ControlStrength strength) {}
