/**
 * Models as values: where the files of a base or a control are, on disk or on the hub, what a new
 * control starts from and how one is written. Nothing here opens a file.
 */
@NullMarked
package io.github.controlnet.model;

import org.jspecify.annotations.NullMarked;
