/**
 * Families of models: all that is particular to one, in one class with its name tables.
 *
 * <p>{@link io.github.controlnet.core.family.Family} says what a family is made of: by what its
 * files are told, how a single file names its weights, what neither weights nor configurations tell
 * ({@link io.github.controlnet.core.family.Defaults}), and, where it can be run, how its texts are
 * made and what its networks are told besides ({@link io.github.controlnet.core.family.Recipe}).
 * Whoever reads, runs or writes a model asks its family; nobody asks which family it is.
 *
 * <p>Each family is a package below this one and a line in {@code
 * META-INF/services/io.github.controlnet.core.family.Family}. This package knows none of them.
 */
@NullMarked
package io.github.controlnet.core.family;

import org.jspecify.annotations.NullMarked;
