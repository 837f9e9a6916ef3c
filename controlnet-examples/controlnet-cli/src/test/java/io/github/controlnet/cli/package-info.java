@NullMarked
package io.github.controlnet.cli;

import org.jspecify.annotations.NullMarked;
