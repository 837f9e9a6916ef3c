@NullMarked
package io.github.controlnet.core.request;

import org.jspecify.annotations.NullMarked;
