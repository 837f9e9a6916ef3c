/** From a request to a plan: every choice made and checked before anything is computed. */
@NullMarked
package io.github.controlnet.core.pipeline.plan;

import org.jspecify.annotations.NullMarked;
