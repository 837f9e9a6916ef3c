/**
 * Short programs to copy from. Each writes its pictures to the folder of its first argument, {@code
 * out} when there is none, and runs on the bundled model as it is: for real pictures put the path
 * of a model, or its id on the Hugging Face hub, where {@code demo} stands.
 */
@NullMarked
package io.github.controlnet.samples;

import org.jspecify.annotations.NullMarked;
