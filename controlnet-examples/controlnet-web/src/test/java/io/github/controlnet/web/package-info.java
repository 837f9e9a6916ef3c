@NullMarked
package io.github.controlnet.web;

import org.jspecify.annotations.NullMarked;
