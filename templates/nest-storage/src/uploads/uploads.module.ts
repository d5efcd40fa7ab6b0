import { Module } from "@nestjs/common";
import { STORAGE } from "../ops/services.module.ts";
import type { Storage } from "../ops/storage.ts";
import { uploadsOf } from "../uploads.ts";
import { UPLOADS, UploadsController } from "./uploads.controller.ts";

@Module({
  controllers: [UploadsController],
  providers: [
    {
      provide: UPLOADS,
      inject: [STORAGE],
      useFactory: (storage: Storage) => uploadsOf(storage),
    },
  ],
})
export class UploadsModule {}
