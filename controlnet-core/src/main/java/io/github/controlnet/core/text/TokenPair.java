package io.github.controlnet.core.text;

/** Two neighbouring tokens that are joined. */
record TokenPair(String left, String right) {}
