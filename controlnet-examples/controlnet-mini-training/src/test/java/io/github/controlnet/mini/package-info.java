@org.jspecify.annotations.NullMarked
package io.github.controlnet.mini;
