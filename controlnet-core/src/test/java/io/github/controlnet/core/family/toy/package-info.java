/** A family of models that nothing outside this package knows: what adding one takes. */
@NullMarked
package io.github.controlnet.core.family.toy;

import org.jspecify.annotations.NullMarked;
