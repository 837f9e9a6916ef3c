/**
 * The bundled demonstration: a small trained model with two controls and pictures to begin with,
 * for first runs and tests. {@link io.github.controlnet.demo.DemoModel} puts them where the library
 * can open them.
 */
@NullMarked
package io.github.controlnet.demo;

import org.jspecify.annotations.NullMarked;
