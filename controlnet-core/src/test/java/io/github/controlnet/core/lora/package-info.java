/** Tests of LoRA and its relatives. */
@NullMarked
package io.github.controlnet.core.lora;

import org.jspecify.annotations.NullMarked;
