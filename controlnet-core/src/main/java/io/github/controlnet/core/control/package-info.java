/**
 * Makes controls: new ones from a base's weights, and those of one base for another.
 *
 * <p>Nothing here runs a network; weights flow from file to file.
 */
@NullMarked
package io.github.controlnet.core.control;

import org.jspecify.annotations.NullMarked;
