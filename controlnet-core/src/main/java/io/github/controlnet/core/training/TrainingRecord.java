package io.github.controlnet.core.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One record of the data.
 *
 * @param name where it stands, for messages
 * @param source the control map's file; empty when an annotator makes it
 * @param target the picture's file
 * @param prompt the prompt, as text
 */
record TrainingRecord(String name, Optional<Path> source, Path target, String prompt) {}
