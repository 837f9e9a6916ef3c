/** An annotator in a jar of its own, to copy from. */
@NullMarked
package com.example.posterize;

import org.jspecify.annotations.NullMarked;
