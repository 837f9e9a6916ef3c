@NullMarked
package io.github.controlnet.core.provenance;

import org.jspecify.annotations.NullMarked;
