/**
 * Spring Boot: with {@code controlnet.base} set, a {@link io.github.controlnet.ControlNetPipeline}
 * is a bean, opened at the start and closed at the end of the application.
 */
@NullMarked
package io.github.controlnet.spring;

import org.jspecify.annotations.NullMarked;
