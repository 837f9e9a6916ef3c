/** What steers a generation: prompts encoded, control images made into maps, and when each acts. */
@NullMarked
package io.github.controlnet.core.pipeline.condition;

import org.jspecify.annotations.NullMarked;
