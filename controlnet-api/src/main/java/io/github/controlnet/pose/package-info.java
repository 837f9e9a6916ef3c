/** People in an image as keypoints, which annotators find and which pose maps are drawn from. */
@NullMarked
package io.github.controlnet.pose;

import org.jspecify.annotations.NullMarked;
