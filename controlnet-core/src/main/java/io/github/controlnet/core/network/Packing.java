package io.github.controlnet.core.network;

/**
 * How a weight is laid out anew when it is loaded, instead of as its file has it.
 *
 * @param method the module's method that does it; it takes the weight's name, the values in the
 *     type of the file and the two numbers
 * @param first what the method says it is
 * @param second what the method says it is
 */
record Packing(String method, long first, long second) {}
