/**
 * From a configuration to opened models: files found, networks loaded, kept or given back between
 * uses.
 */
@NullMarked
package io.github.controlnet.core.pipeline.load;

import org.jspecify.annotations.NullMarked;
