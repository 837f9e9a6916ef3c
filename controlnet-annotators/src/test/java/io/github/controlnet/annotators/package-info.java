@NullMarked
package io.github.controlnet.annotators;

import org.jspecify.annotations.NullMarked;
