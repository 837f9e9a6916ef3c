/** Prompts: from text to the tokens of CLIP's text encoder. */
@NullMarked
package io.github.controlnet.core.text;

import org.jspecify.annotations.NullMarked;
