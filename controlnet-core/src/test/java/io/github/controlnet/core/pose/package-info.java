@NullMarked
package io.github.controlnet.core.pose;

import org.jspecify.annotations.NullMarked;
