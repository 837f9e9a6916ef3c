/**
 * Test kits: abstract JUnit 5 test classes that say what an annotator, a sampler or an engine must
 * do. Depend on this artifact in test scope, extend the class, name your implementation.
 */
@NullMarked
package io.github.controlnet.tck;

import org.jspecify.annotations.NullMarked;
