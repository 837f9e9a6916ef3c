@NullMarked
package io.github.controlnet.core.hub;

import org.jspecify.annotations.NullMarked;
