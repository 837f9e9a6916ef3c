/**
 * The bundled demonstration: a photograph and a tiny model with random weights, for first runs and
 * tests. {@link io.github.controlnet.demo.DemoModel} puts them where the library can open them.
 */
@NullMarked
package io.github.controlnet.demo;

import org.jspecify.annotations.NullMarked;
