@NullMarked
package io.github.controlnet.spring;

import org.jspecify.annotations.NullMarked;
